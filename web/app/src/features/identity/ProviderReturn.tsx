import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, Navigate, useNavigate, useParams } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { PublicPage } from "../../components/shell/PublicPage";
import { Button } from "../../components/ui/Button";
import { Notice, Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/account";
import { CodeForm } from "./CodeForm";
import { ProviderRegister } from "./ProviderRegister";
import {
  finish,
  finishConfirm,
  finishLink,
  goAway,
  isClosed,
  type Returned,
  returned,
  type StillNeeded,
  wish,
} from "./providers";
import { useSession } from "./session";

// Where a provider sends the browser back to.
export function ProviderReturn() {
  const { provider } = useParams({ from: "/login/return/$provider" });
  const [back] = useState(() => returned(provider));
  const [{ purpose, next }] = useState(wish);
  const { state } = useSession();
  if (back.refused) return <Refused why={back.refused} />;
  // Whoever is logged in here sends a token along that is not known yet.
  if (state.status === "loading") {
    return (
      <PublicPage title={t("provider.title")} lead={t("provider.wait")}>
        {null}
      </PublicPage>
    );
  }
  if (purpose === "login") return <Enter provider={provider} back={back} next={next} />;
  return <GoOn purpose={purpose} back={back} next={next} />;
}

function Refused({ why }: { why: string }) {
  const key = why === "access_denied" ? "provider.declined" : "provider.failed";
  return (
    <PublicPage title={t("provider.title")} lead={t("provider.nothing")}>
      <Notice role="status">{t(key)}</Notice>
      <Back />
    </PublicPage>
  );
}

function Back() {
  const { state } = useSession();
  const known = state.status === "in";
  return (
    <p className="mt-6">
      <Link
        to={known ? "/account/security" : "/login"}
        className="font-semibold text-brand underline underline-offset-4"
      >
        {t(known ? "account.security" : "login.submit")}
      </Link>
    </p>
  );
}

interface Props {
  provider: string;
  back: Returned;
  next: string;
}

function Enter({ provider, back, next }: Props) {
  const { state, enter } = useSession();
  const [needed, setNeeded] = useState<StillNeeded>();
  const attempt = useOnce(async () => {
    if (!back.body) return;
    const answer = await finish(back.body);
    if ("user" in answer) enter(answer);
    else setNeeded(answer);
  });
  const again = useMutation({
    mutationFn: () => goAway(provider, "login", { next, restore: true }),
  });
  if (attempt.isSuccess && !needed && state.status === "in") {
    return <Navigate to={next} replace />;
  }
  if (needed && state.status === "in") return <Navigate to={next} replace />;
  if (needed?.next === "register") return <ProviderRegister needed={needed} />;
  if (needed && "factors" in needed) {
    return (
      <PublicPage title={t("login.title")} lead={t("login.lead")}>
        <CodeForm needed={needed} onBack={() => location.assign("/login")} />
      </PublicPage>
    );
  }
  return (
    <PublicPage title={t("provider.title")} lead={t("provider.wait")}>
      {isClosed(attempt.error) ? (
        <Notice kind="warn" role="alert">
          <p className="mb-3">{t("login.closed")}</p>
          <Button busy={again.isPending} onClick={() => again.mutate()}>
            {t("login.restore")}
          </Button>
        </Notice>
      ) : (
        <Problem error={attempt.error ?? again.error} />
      )}
      {attempt.error && <Back />}
    </PublicPage>
  );
}

// For someone who is logged in: an account elsewhere is connected, or has shown that it is them.
function GoOn({ purpose, back, next }: Omit<Props, "provider"> & { purpose: "link" | "confirm" }) {
  const { state } = useSession();
  return (
    <PublicPage title={t("provider.title")} lead={t("provider.wait")}>
      {state.status === "in" && <Finish purpose={purpose} back={back} next={next} />}
      {state.status === "out" && <Back />}
    </PublicPage>
  );
}

function Finish({
  purpose,
  back,
  next,
}: Omit<Props, "provider"> & { purpose: "link" | "confirm" }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const attempt = useOnce(async () => {
    if (!back.body) return;
    await (purpose === "link" ? finishLink(back.body) : finishConfirm(back.body));
    await queries.invalidateQueries({ queryKey: ["identity"] });
    await navigate({ to: next, replace: true });
  });
  return (
    <>
      <Problem error={attempt.error} />
      {attempt.error && <Back />}
    </>
  );
}

// What came back counts once, so it is sent once.
function useOnce(work: () => Promise<void>) {
  const attempt = useMutation({ mutationFn: work });
  const sent = useRef(false);
  const { mutate } = attempt;
  useEffect(() => {
    if (sent.current) return;
    sent.current = true;
    mutate();
  }, [mutate]);
  return attempt;
}
