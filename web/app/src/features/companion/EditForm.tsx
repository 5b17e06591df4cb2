import { type FormEvent, type KeyboardEvent, useState } from "react";
import { Button } from "../../components/ui/Button";
import { TextArea } from "../../components/ui/Field";
import { t } from "../../i18n/chat";

interface Props {
  words: string;
  onSend: (words: string) => void;
  onClose: () => void;
}

// A message written anew. The one before stays, as a branch beside it.
export function EditForm({ words, onSend, onClose }: Props) {
  const [text, setText] = useState(words);
  const send = (event: FormEvent) => {
    event.preventDefault();
    const anew = text.trim();
    if (anew) onSend(anew);
  };
  const pressed = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      onClose();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.currentTarget.form?.requestSubmit();
    }
  };
  return (
    <form onSubmit={send} className="grid gap-3 rounded-card border border-line bg-surface p-4">
      <TextArea
        label={t("chat.editLabel")}
        hint={t("chat.editHint")}
        rows={Math.min(10, text.split("\n").length + 1)}
        maxLength={32_768}
        autoFocus
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={pressed}
      />
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{t("action.cancel")}</Button>
        <Button type="submit" kind="primary" disabled={!text.trim()}>
          {t("chat.sendAnew")}
        </Button>
      </div>
    </form>
  );
}
