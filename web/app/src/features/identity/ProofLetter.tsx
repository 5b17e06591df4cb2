import { data } from "@salus/api-client";
import { useMutation } from "@tanstack/react-query";
import { Button } from "../../components/ui/Button";
import { Card } from "../../components/ui/Card";
import { Notice, Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/account";
import { api } from "../../lib/api";
import { useUser } from "./session";

// The letter that proves an address, once more. Whoever has no address sees nothing of it.
export function ProofLetter() {
  const { email } = useUser();
  const send = useMutation({ mutationFn: () => data(api.POST("/api/auth/verify-email/send")) });
  if (!email) return null;
  return (
    <Card title={t("account.letter")}>
      <p className="mb-4 text-soft">{t("letter.text", { email })}</p>
      {send.isSuccess ? (
        <Notice role="status">{t("letter.sent")}</Notice>
      ) : (
        <Button busy={send.isPending} onClick={() => send.mutate()}>
          {t("letter.again")}
        </Button>
      )}
      <Problem error={send.error} className="mt-3" />
    </Card>
  );
}
