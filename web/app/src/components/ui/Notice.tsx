import { ApiFailure } from "@salus/api-client";
import type { ReactNode } from "react";
import { problemWords, t } from "../../i18n";

const KINDS = {
  calm: "bg-brand-soft text-ink",
  warn: "bg-warn-soft text-ink",
  care: "bg-care-soft text-ink",
};

interface Props {
  kind?: keyof typeof KINDS;
  role?: "status" | "alert";
  children: ReactNode;
  className?: string;
}

export function Notice({ kind = "calm", role, children, className = "" }: Props) {
  return (
    <div role={role} className={`rounded-field px-4 py-3 ${KINDS[kind]} ${className}`}>
      {children}
    </div>
  );
}

// A failure in the words of the server, which are written for people, or in ours.
export function Problem({ error, className = "" }: { error: unknown; className?: string }) {
  if (!error) return null;
  return (
    <Notice kind="care" role="alert" className={className}>
      {words(error)}
    </Notice>
  );
}

function words(error: unknown): string {
  if (!(error instanceof ApiFailure)) return t("problem.unknown");
  if (error.isOffline) return t("problem.offline");
  if (error.status === 429 && error.retryAfter) return wait(error.retryAfter);
  const message = problemWords(error.code) ?? error.message;
  return error.detail ? `${message} ${sentence(error.detail)}` : message;
}

function wait(seconds: number): string {
  return seconds < 90
    ? t("problem.waitSeconds", { count: seconds })
    : t("problem.waitMinutes", { count: Math.ceil(seconds / 60) });
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
