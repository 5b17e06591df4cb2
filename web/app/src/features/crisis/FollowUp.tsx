import { data, type Schemas } from "@salus/api-client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Button, buttonClass } from "../../components/ui/Button";
import { currentLocale, t } from "../../i18n";
import { api } from "../../lib/api";
import { currentCountry, dial } from "./resources";

const KEY = ["crisis", "follow-up"];

type Answer = Schemas["CrisisFollowUpAnswerName"];

// Whoever was shown help first is asked, the next time and once, how they are. The words are fixed,
// and come from the server; a "no" for good is one tap. One thing at a time: what else would be there
// comes when it is answered.
export function FollowUp({ otherwise = null }: { otherwise?: ReactNode }) {
  const queries = useQueryClient();
  const place = where();
  const asked = useQuery({
    queryKey: KEY,
    queryFn: () => data(api.GET("/api/crisis/follow-up", { params: { query: place } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const answer = useMutation({
    mutationFn: (answer: Answer) =>
      data(api.POST("/api/crisis/follow-up", { body: { answer, ...place } })),
    onSuccess: (said) => queries.setQueryData(KEY, said),
  });
  const question = asked.data?.question;
  if (!question) return otherwise;
  const helped = answer.data?.question;
  return (
    <section
      aria-label={t("followUp.title")}
      className="rise my-5 rounded-card bg-care-soft p-5 text-ink sm:p-6"
    >
      <p className="whitespace-pre-line text-lg">{question.response.text}</p>
      <div className="mt-4 flex flex-wrap gap-2">
        {helped ? (
          <Help help={helped} />
        ) : (
          <>
            <Button busy={answer.isPending} onClick={() => answer.mutate("better")}>
              {t("followUp.better")}
            </Button>
            <Button busy={answer.isPending} onClick={() => answer.mutate("hard")}>
              {t("followUp.hard")}
            </Button>
            <Button kind="quiet" busy={answer.isPending} onClick={() => answer.mutate("never")}>
              {t("followUp.never")}
            </Button>
          </>
        )}
      </div>
    </section>
  );
}

function Help({ help }: { help: Schemas["CrisisFollowUpQuestion"] }) {
  const [line] = help.resources.lines.filter((one) => one.call);
  return (
    <>
      {line?.call && (
        <a href={dial(line.call)} className={buttonClass("care")}>
          {t("crisis.callNumber", { number: line.call })}
        </a>
      )}
      <Link to="/help-now" className={buttonClass("danger")}>
        {t("safety.more")}
      </Link>
    </>
  );
}

function where() {
  const country = currentCountry();
  return { language: currentLocale(), ...(country && { country }) };
}
