import type { Line } from "virtual:crisis-lines";
import type { ReactNode } from "react";
import { buttonClass } from "../../components/ui/Button";
import { Icon } from "../../components/ui/Icon";
import { currentLocale, t } from "../../i18n";
import { mediumDay, parseDay } from "../../lib/dates";
import { bestFirst, byNeed, dial, isAlwaysOpen, sms, useLists } from "./resources";

const AWAY = { target: "_blank", rel: "noreferrer noopener" } as const;

export function Lines({ country }: { country: string | undefined }) {
  const lists = useLists();
  if (!country) return null;
  // The lines come a moment later; what follows them must not jump under a finger.
  if (!lists) return <div className="min-h-dvh" />;
  const lines = bestFirst(lists.lines[country] ?? [], currentLocale().split("-")[0] ?? "en");
  if (lines.length === 0) return <p className="text-soft">{t("crisis.noLine")}</p>;
  return (
    <>
      {byNeed(lines).map(([need, found]) => (
        <section key={need} aria-label={t(`crisis.for.${need}`)} className="grid gap-3">
          <h2 className={need === "everyone" ? "sr-only" : "mt-4 font-sans font-semibold text-lg"}>
            {t(`crisis.for.${need}`)}
          </h2>
          {found.map((line) => (
            <LineCard key={line.id} line={line} />
          ))}
        </section>
      ))}
      <p className="px-1 text-soft text-sm">{t("crisis.change")}</p>
    </>
  );
}

function LineCard({ line }: { line: Line }) {
  return (
    <article className="rounded-card border border-line bg-surface p-5 shadow-card">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-56">
          <h3 className="font-sans font-semibold text-lg leading-snug">{line.name}</h3>
          <p className="mt-0.5 text-soft">
            {isAlwaysOpen(line) ? t("crisis.always") : <span lang="en">{line.hours}</span>}
            {" · "}
            {languageNames(line.languages)}
          </p>
          {line.note && <p className="mt-1">{line.note}</p>}
        </div>
        <Ways line={line} />
      </div>
      <p className="mt-3 text-soft text-sm">
        {t("crisis.checked", { day: mediumDay(parseDay(line.checked)) })}{" "}
        <a href={line.source} {...AWAY} className="underline underline-offset-4">
          {new URL(line.source).hostname.replace(/^www\./, "")}
        </a>
      </p>
    </article>
  );
}

function Ways({ line }: { line: Line }) {
  return (
    <div className="flex flex-wrap gap-2">
      {line.call && (
        <a href={dial(line.call)} className={buttonClass("care", "min-h-12 text-lg")}>
          <Icon name="phone" />
          {t("crisis.callNumber", { number: line.call })}
        </a>
      )}
      {line.text && (
        <Way href={sms(line.text, line.keyword)}>
          {line.keyword
            ? t("crisis.textKeyword", { keyword: line.keyword, number: line.text })
            : t("crisis.textNumber", { number: line.text })}
        </Way>
      )}
      {line.whatsapp && (
        <span className="inline-flex min-h-12 items-center px-2 font-semibold">
          {t("crisis.whatsapp", { number: line.whatsapp })}
        </span>
      )}
      {line.chat && (
        <Way href={line.chat} away>
          {t("crisis.chat")}
        </Way>
      )}
    </div>
  );
}

function Way({ href, away, children }: { href: string; away?: boolean; children: ReactNode }) {
  return (
    <a href={href} {...(away ? AWAY : {})} className={buttonClass("danger", "min-h-12")}>
      <Icon name="talk" />
      {children}
    </a>
  );
}

// Lists of lines elsewhere: for every place that is not ours, and for every number that has changed.
export function Directories() {
  const lists = useLists();
  if (!lists || lists.directories.length === 0) return null;
  return (
    <section className="mt-10">
      <h2 className="mb-2 text-2xl">{t("crisis.lists")}</h2>
      <ul className="grid gap-2">
        {lists.directories.map((list) => (
          <li key={list.url}>
            <a
              href={list.url}
              {...AWAY}
              className="font-semibold text-brand underline underline-offset-4"
            >
              {list.name}
            </a>{" "}
            <span lang="en" className="text-soft">
              {list.about}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function languageNames(tags: readonly string[]): string {
  const names = new Intl.DisplayNames([currentLocale(), "en"], { type: "language" });
  return tags.map((tag) => names.of(tag) ?? tag).join(", ");
}
