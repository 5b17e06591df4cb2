import { data } from "@salus/api-client";
import { useMutation } from "@tanstack/react-query";
import { Button } from "../../../components/ui/Button";
import { Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/emergency";
import { api } from "../../../lib/api";
import { mediumDay } from "../../../lib/dates";
import { PARTS } from "./words";

interface Props {
  token: string;
  person: string;
}

// Opens what the token may open. It is one use of a card, and the person is told, so somebody has
// to want it: nothing is opened by coming here.
export function OpenSheet({ token, person }: Props) {
  const open = useMutation({
    mutationFn: () =>
      data(
        api.GET("/api/medical/emergency-info/{user_id}", {
          params: { path: { user_id: person }, header: { "Emergency-Access-Token": token } },
        }),
      ),
  });
  const sheet = open.data;
  if (!sheet) {
    return (
      <div className="mt-4 grid gap-3">
        <p className="max-w-prose text-soft">{t("open.text")}</p>
        <Problem error={open.error} />
        <div>
          <Button kind="care" busy={open.isPending} onClick={() => open.mutate()}>
            {t("open.open")}
          </Button>
        </div>
      </div>
    );
  }
  const written = PARTS.filter((part) => sheet[part]);
  return (
    <section className="mt-4" aria-live="polite">
      {written.length === 0 && <p>{t("open.nothing")}</p>}
      <dl className="grid gap-3">
        {written.map((part) => (
          <div key={part}>
            <dt className="font-semibold">{t(`tell.${part}`)}</dt>
            <dd className="whitespace-pre-wrap break-words">{sheet[part]}</dd>
          </div>
        ))}
      </dl>
      {sheet.written_at && (
        <p className="mt-3 text-soft text-sm">
          {t("open.written", { day: mediumDay(new Date(sheet.written_at)) })}
        </p>
      )}
    </section>
  );
}
