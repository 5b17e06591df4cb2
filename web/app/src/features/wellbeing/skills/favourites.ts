// Exercises that were marked on this device; sealed, and gone with a log-out.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import * as sealed from "../../../lib/sealed";
import { useSession } from "../../identity/session";

const NAME = "kept/favourite-skills";

export function useFavourites() {
  const { user } = useSession();
  const owner = user?.id ?? "";
  const queries = useQueryClient();
  const key = ["favourite-skills", owner];
  const read = async () => (await sealed.get<string[]>(owner, NAME)) ?? [];
  const { data: marked = [] } = useQuery({
    queryKey: key,
    queryFn: read,
    enabled: Boolean(owner),
    networkMode: "always",
  });
  const toggle = useMutation({
    mutationFn: async (id: string) => {
      const now = await read();
      const next = now.includes(id) ? now.filter((one) => one !== id) : [...now, id];
      await sealed.put(owner, NAME, next);
      return next;
    },
    onSuccess: (next) => queries.setQueryData(key, next),
  });
  return { marked, can: Boolean(owner), toggle: (id: string) => toggle.mutate(id) };
}
