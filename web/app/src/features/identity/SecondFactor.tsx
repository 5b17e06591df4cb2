import { data } from "@salus/api-client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Sheet } from "../../components/ui/Ask";
import { Button } from "../../components/ui/Button";
import { Icon } from "../../components/ui/Icon";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/account";
import { api } from "../../lib/api";
import { mediumDay } from "../../lib/dates";
import { RecoveryCodes } from "./RecoveryCodes";
import { RemoveApp } from "./RemoveApp";
import { SetUpApp } from "./SetUpApp";
import { DEVICES, FACTORS, factorsQuery } from "./security";

// A code of an app beside the password, and codes on paper for when the phone is lost.
export function SecondFactor() {
  const queries = useQueryClient();
  const factors = useQuery(factorsQuery);
  const [removing, setRemoving] = useState(false);
  const [codes, setCodes] = useState<readonly string[]>();
  const begin = useMutation({ mutationFn: () => data(api.POST("/api/auth/factors/totp")) });
  const renew = useMutation({
    mutationFn: () => data(api.POST("/api/auth/factors/recovery-codes")),
    onSuccess: (answer) => setCodes(answer.recovery_codes),
  });
  const done = () => {
    void queries.invalidateQueries({ queryKey: FACTORS });
    void queries.invalidateQueries({ queryKey: DEVICES });
  };
  const since = factors.data?.totp_since;
  return (
    <>
      <Problem error={factors.error ?? begin.error ?? renew.error} className="mb-3" />
      {factors.data && !since && (
        <>
          <p className="mb-4 text-soft">{t("factor.why")}</p>
          <Button
            kind="primary"
            icon="shield"
            busy={begin.isPending}
            onClick={() => begin.mutate()}
          >
            {t("factor.begin")}
          </Button>
        </>
      )}
      {factors.data && since && (
        <>
          <p className="flex items-center gap-3 font-semibold">
            <Icon name="shield" className="size-6 text-brand" />
            {t("factor.since", { day: mediumDay(new Date(since)) })}
          </p>
          <p className="mt-1 text-soft">
            {t("factor.codesLeft", { count: factors.data.recovery_codes_left })}
          </p>
          <div className="mt-4 flex flex-wrap gap-2">
            <Button busy={renew.isPending} onClick={() => renew.mutate()}>
              {t("factor.renew")}
            </Button>
            <Button kind="danger" onClick={() => setRemoving(true)}>
              {t("factor.remove")}
            </Button>
          </div>
        </>
      )}
      <Sheet open={begin.isSuccess} title={t("factor.setUp")} onClose={() => begin.reset()}>
        {begin.data && (
          <SetUpApp
            secret={begin.data.secret}
            uri={begin.data.otpauth_uri}
            onDone={(made) => {
              begin.reset();
              if (made.length > 0) setCodes(made);
              done();
            }}
          />
        )}
      </Sheet>
      <Sheet open={removing} title={t("factor.remove")} onClose={() => setRemoving(false)}>
        <RemoveApp
          onDone={() => {
            setRemoving(false);
            done();
          }}
        />
      </Sheet>
      <RecoveryCodes
        codes={codes}
        onClose={() => {
          setCodes(undefined);
          done();
        }}
      />
    </>
  );
}
