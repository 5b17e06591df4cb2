import { data } from "@salus/api-client";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { PublicPage } from "../../../components/shell/PublicPage";
import { Notice, Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/emergency";
import { api } from "../../../lib/api";
import { mediumDay } from "../../../lib/dates";
import { codeFromAddress } from "../../identity/login";
import { OpenSheet } from "./OpenSheet";

// Where the code of a card leads: for helpers, without a log-in. It says whether the card is good,
// and opens what it opens to whoever asks for it.
export function ScopePage() {
  const [token] = useState(codeFromAddress);
  const asked = useRef(false);
  const look = useMutation({
    mutationFn: () =>
      data(
        api.GET("/api/emergency/scope", {
          params: { header: { "Emergency-Access-Token": token } },
        }),
      ),
  });
  const { mutate } = look;
  useEffect(() => {
    if (token && !asked.current) mutate();
    asked.current = true;
  }, [token, mutate]);
  const found = look.data;
  return (
    <PublicPage title={t("scope.title")} lead={t("scope.lead")}>
      {!token && <Notice kind="warn">{t("scope.noToken")}</Notice>}
      {look.isPending && <p role="status">{t("scope.asking")}</p>}
      <Problem error={look.error} />
      {found && (
        <Notice role="status">
          <p className="font-semibold">
            {t(found.form === "card" ? "scope.good" : "scope.goodOverride", {
              day: mediumDay(new Date(found.expires_at)),
            })}
          </p>
          <p className="mt-2">
            {t("scope.opens", {
              classes: found.classes.map((one) => t(`class.${one}`)).join(", "),
            })}
          </p>
        </Notice>
      )}
      {found && <OpenSheet token={token} person={found.user_id} />}
    </PublicPage>
  );
}
