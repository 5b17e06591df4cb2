import { useQuery } from "@tanstack/react-query";
import { Landscape } from "../../components/shell/Landscape";
import { currentLocale } from "../../i18n";
import { t } from "../../i18n/chat";
import { optionsQuery } from "./api";

const PROMPTS = [
  "chat.prompt1",
  "chat.prompt2",
  "chat.prompt3",
  "chat.prompt4",
  "chat.prompt5",
] as const;

// An empty conversation: nobody has to find the first words alone. The server has prompts in English;
// without it, and in other languages, there are ours.
export function Begin({ onPick }: { onPick: (words: string) => void }) {
  const locale = currentLocale();
  const options = useQuery(optionsQuery(locale)).data;
  const own = PROMPTS.map((key) => t(key));
  const prompts = locale === "en" ? (options?.prompts ?? own) : own;
  return (
    <div className="rise my-auto grid justify-items-center gap-6 py-6 text-center">
      <div className="scene-sky relative h-28 w-44 overflow-hidden rounded-card" aria-hidden="true">
        <span className="absolute top-6 right-9 size-10 rounded-full bg-(--sun)" />
        <Landscape className="absolute inset-x-0 bottom-0 h-16 w-full" />
      </div>
      <div>
        <p className="font-serif text-3xl sm:text-4xl">{t("chat.begin")}</p>
        <p className="mt-2 text-soft">{t("chat.beginHint")}</p>
      </div>
      <ul className="flex max-w-xl flex-wrap justify-center gap-2">
        {prompts.map((words) => (
          <li key={words} className="last:hidden sm:last:block">
            <button
              type="button"
              onClick={() => onPick(words)}
              className="min-h-11 cursor-pointer rounded-full border border-edge bg-surface px-4 py-2 transition-colors hover:border-brand hover:bg-brand-soft"
            >
              {words}
            </button>
          </li>
        ))}
      </ul>
      {options && (
        <details className="max-w-xl text-soft text-sm">
          <summary className="cursor-pointer font-semibold">{t("chat.about")}</summary>
          <p className="mt-2 whitespace-pre-line text-left">{options.disclosure_full}</p>
        </details>
      )}
    </div>
  );
}
