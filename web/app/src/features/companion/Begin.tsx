import { Landscape } from "../../components/shell/Landscape";
import { t } from "../../i18n";

const PROMPTS = [
  "chat.prompt1",
  "chat.prompt2",
  "chat.prompt3",
  "chat.prompt4",
  "chat.prompt5",
] as const;

// An empty conversation: nobody has to find the first words alone.
export function Begin({ onPick }: { onPick: (words: string) => void }) {
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
        {PROMPTS.map((key) => (
          <li key={key} className="last:hidden sm:last:block">
            <button
              type="button"
              onClick={() => onPick(t(key))}
              className="min-h-11 cursor-pointer rounded-full border border-edge bg-surface px-4 py-2 transition-colors hover:border-brand hover:bg-brand-soft"
            >
              {t(key)}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
