import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { Icon } from "../../components/ui/Icon";
import { t } from "../../i18n/chat";
import { DraftCare } from "../crisis/DraftCare";
import { usageQuery } from "./api";
import { AddPictures, ChosenPictures } from "./pictures/Choose";
import type { Chosen } from "./pictures/limits";
import { usePictures } from "./pictures/usePictures";
import { ToolsNote, ToolsSwitch, useToolsPossible } from "./tools/Switch";

interface Props {
  busy: boolean;
  // The one that was chosen, or none.
  model: string;
  onSay: (words: string, pictures: readonly Chosen[]) => Promise<boolean>;
  onStop: () => void;
}

const touch = () => matchMedia("(pointer: coarse)").matches;

// Enter sends, with Shift it is a new line; where one types with thumbs, the button sends.
export function Composer({ busy, model, onSay, onStop }: Props) {
  const [words, setWords] = useState("");
  const pictures = usePictures(model);
  const tools = useToolsPossible(model);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (!touch()) field.current?.focus({ preventScroll: true });
  }, []);
  const nothing = !words.trim() && pictures.chosen.length === 0;
  const send = async () => {
    const said = words.trim();
    const chosen = pictures.chosen;
    if (nothing || busy || pictures.reading) return;
    setWords("");
    pictures.put([]);
    // What the server did not take is given back, unless something else is being typed by then.
    if (await onSay(said, chosen)) return;
    setWords((now) => now || said);
    pictures.giveBack(chosen);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send();
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing || touch()) return;
    event.preventDefault();
    void send();
  };
  return (
    <div className="sticky bottom-[calc(4rem+env(safe-area-inset-bottom))] z-10 mt-auto -mb-8 bg-paper pb-3 lg:bottom-0 lg:-mb-12 lg:pb-5">
      <DraftCare text={words} />
      <ChosenPictures pictures={pictures} />
      {tools && <ToolsNote />}
      <form
        onSubmit={submit}
        className="flex items-end gap-2 rounded-[1.75rem] border border-edge bg-surface p-2 shadow-card focus-within:border-brand focus-within:outline-2 focus-within:outline-brand"
      >
        <AddPictures pictures={pictures} />
        {tools && <ToolsSwitch />}
        <textarea
          ref={field}
          name="message"
          aria-label={t("chat.write")}
          placeholder={t("chat.placeholder")}
          rows={Math.min(8, words.split("\n").length)}
          maxLength={32_768}
          value={words}
          onChange={(event) => setWords(event.target.value)}
          onKeyDown={pressed}
          onPaste={pictures.pasted}
          className="field-sizing-content max-h-60 min-h-11 min-w-0 flex-1 resize-none bg-transparent px-4 py-2.5 outline-none placeholder:text-soft"
        />
        {busy ? (
          <Round icon="stop" label={t("chat.stop")} onClick={onStop} />
        ) : (
          <Round icon="send" label={t("chat.send")} submit disabled={nothing || pictures.reading} />
        )}
      </form>
      <Below />
    </div>
  );
}

interface RoundProps {
  icon: "send" | "stop";
  label: string;
  submit?: boolean;
  disabled?: boolean;
  onClick?: () => void;
}

function Round({ icon, label, submit, disabled, onClick }: RoundProps) {
  return (
    <button
      type={submit ? "submit" : "button"}
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={onClick}
      className="grid size-11 shrink-0 cursor-pointer place-items-center rounded-full bg-brand text-on-brand transition-opacity disabled:cursor-default disabled:opacity-40"
    >
      <Icon name={icon} className="size-6" />
    </button>
  );
}

// What it is, always; what is left for today, only when it is little.
function Below() {
  const usage = useQuery(usageQuery);
  const left = usage.data?.nearly_used_up ? usage.data.remaining.messages : undefined;
  const few = left !== undefined && left < (usage.data?.limits.messages_per_day ?? 0) / 5;
  return (
    <p className="mt-2 text-center text-soft text-sm">
      {left === undefined
        ? t("safety.program")
        : few
          ? t("chat.little", { count: left })
          : t("chat.littleTokens")}
    </p>
  );
}
