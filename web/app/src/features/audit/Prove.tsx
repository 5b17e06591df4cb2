import { data } from "@salus/api-client";
import { useMutation } from "@tanstack/react-query";
import { Button } from "../../components/ui/Button";
import { Icon } from "../../components/ui/Icon";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/admin";
import { api } from "../../lib/api";
import { saveAs } from "../../lib/files";
import { check } from "./check";

// A proof for one entry, asked for and checked here, and to take away.
export function Prove({ event }: { event: string }) {
  const proving = useMutation({
    mutationFn: async () => {
      const params = { path: { event_id: event } };
      const text = await data(
        api.GET("/api/admin/audit/{event_id}/proof", { params, parseAs: "text" }),
      );
      return { text, ...(await check(event, text)) };
    },
  });
  const found = proving.data;
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap gap-2">
        <Button icon="shield" busy={proving.isPending} onClick={() => proving.mutate()}>
          {t("audit.prove")}
        </Button>
        {found && (
          <Button
            icon="down"
            onClick={() =>
              saveAs(new Blob([found.text], { type: "text/plain" }), `${event}.tlog-proof`)
            }
          >
            {t("audit.saveProof")}
          </Button>
        )}
      </div>
      <Problem error={proving.error} />
      {found && (
        <div role="status">
          <ul className="grid gap-1">
            {found.findings.map(({ good, words }) => (
              <li key={words} className="flex items-start gap-2">
                <Icon
                  name={good === true ? "check" : good === false ? "close" : "more"}
                  className={`mt-0.5 size-5 ${good === true ? "text-brand" : good === false ? "text-care" : "text-soft"}`}
                />
                {words}
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
