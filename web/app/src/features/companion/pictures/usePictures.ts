// The pictures that go with the next message.
import { useQuery } from "@tanstack/react-query";
import { type ClipboardEvent, useRef, useState } from "react";
import { modelsQuery } from "../api";
import { type Chosen, type Refusal, within } from "./limits";

export function usePictures(model: string) {
  const models = useQuery(modelsQuery).data?.providers.flatMap((provider) => provider.models);
  // Pictures are shown to no model elsewhere, so one that sees is needed here.
  const seeing = models?.filter((one) => one.vision && one.location !== "remote") ?? [];
  const possible = seeing.some((one) => !model || one.id === model);
  const [chosen, setChosen] = useState<readonly Chosen[]>([]);
  const [refusal, setRefusal] = useState<Refusal>();
  const [reading, setReading] = useState(false);
  // The newest, for what was begun before.
  const now = useRef(chosen);
  const put = (pictures: readonly Chosen[], why?: Refusal) => {
    const found = within(pictures);
    now.current = found.taken;
    setChosen(found.taken);
    setRefusal(found.refusal ?? why);
  };
  const add = async (files: readonly File[]) => {
    if (files.length === 0 || reading) return;
    setReading(true);
    try {
      const { shrink } = await import("./shrink");
      for (const file of files) {
        const picture = await shrink(file).catch(() => undefined);
        if (!picture) {
          put(now.current, "picture.unreadable");
          break;
        }
        const before = now.current.length;
        put([...now.current, picture]);
        if (now.current.length === before) break;
      }
    } catch {
      put(now.current, "picture.unreadable");
    } finally {
      setReading(false);
    }
  };
  return {
    possible,
    chosen,
    refusal,
    reading,
    put,
    add: (files: readonly File[]) => void add(files),
    // What the server did not take, unless others were chosen by then.
    giveBack: (pictures: readonly Chosen[]) => now.current.length === 0 && put(pictures),
    remove: (picture: Chosen) => put(now.current.filter((one) => one !== picture)),
    pasted: (event: ClipboardEvent) => {
      const files = [...event.clipboardData.files].filter((file) => file.type.startsWith("image/"));
      if (!possible || files.length === 0) return;
      event.preventDefault();
      void add(files);
    },
  };
}

export type Pictures = ReturnType<typeof usePictures>;
