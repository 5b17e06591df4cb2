import { t } from "../../i18n";

// The same small picture as in index.html, so that nothing blinks while the server says who this is.
export function Loading() {
  return (
    <>
      <output className="sr-only">{t("app.loading")}</output>
      <svg className="waiting scene-sky" viewBox="0 0 160 100" aria-hidden="true">
        <circle cx="112" cy="40" r="17" fill="var(--sun)" />
        <path d="M0 66c30-16 60-16 90 0s50 8 70-4v38H0Z" fill="var(--hill-1)" />
        <path d="M0 82c40-14 70-10 100 0s45 4 60-4v22H0Z" fill="var(--hill-3)" />
      </svg>
    </>
  );
}
