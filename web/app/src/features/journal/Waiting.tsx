import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { whenIdle } from "../../lib/idle";
import { useUser } from "../identity/session";
import { flush, KEY } from "./api";

// Sends what was written without a connection, at the start and when there is one again.
export function Waiting() {
  const user = useUser();
  const queries = useQueryClient();
  useEffect(() => {
    const send = async () => {
      const { sendWaiting } = await import("../wellbeing/later");
      const filledIn = await sendWaiting(user.id);
      if (filledIn > 0) await queries.invalidateQueries({ queryKey: ["wellbeing"] });
      if ((await flush(user.id)) + filledIn === 0) return;
      // A list that is just being read may have been asked for before, and is asked for again.
      await queries.cancelQueries({ queryKey: KEY });
      await queries.invalidateQueries({ queryKey: KEY });
    };
    const again = () => void send().catch(() => undefined);
    const stop = whenIdle(again);
    addEventListener("online", again);
    return () => {
      stop();
      removeEventListener("online", again);
    };
  }, [user.id, queries]);
  return null;
}
