import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Button } from "../../../components/ui/Button";
import { Notice, Problem } from "../../../components/ui/Notice";
import { currentLocale } from "../../../i18n";
import { t } from "../../../i18n/wellbeing";
import { mediumDay } from "../../../lib/dates";
import { type Filled, isOffline } from "../api";
import { Back } from "../Back";
import { AfterKept } from "../forms/AfterKept";
import { Before } from "../forms/Before";
import { Erase } from "../forms/Erase";
import { entryOf, formOf } from "../forms/entry";
import { FormRead } from "../forms/FormRead";
import { Guided } from "../forms/Guided";
import { type Begun, type Kept, useBegun, useFilling, useForms } from "../forms/useForm";

export function ChainPage() {
  const { id = "" } = useParams({ strict: false });
  const chains = useForms("chain-analysis");
  const chain = chains.data?.find((one) => one.id === id);
  const draft = `form/chain-analysis/${id}`;
  const known = chains.isSuccess || isOffline(chains.error);
  const found = useBegun(draft, chain, known);
  const [editing, setEditing] = useState(false);
  if (chains.error && !known) return <Problem error={chains.error} />;
  if (!found) return <p className="py-8 text-soft">{t("journal.loading")}</p>;
  if (id === "new" || editing || found.restored) {
    return (
      <Editing
        key={id}
        draft={draft}
        begun={found.begun}
        restored={found.restored}
        onRead={() => setEditing(false)}
      />
    );
  }
  if (chain) return <Reading chain={chain} onEdit={() => setEditing(true)} />;
  return (
    <div className="mx-auto grid max-w-3xl gap-3">
      <Back to="/care/chains">{formOf("chain-analysis", currentLocale()).title}</Back>
      <p>{t(chains.error ? "asks.offline" : "chains.gone")}</p>
    </div>
  );
}

function Reading({ chain, onEdit }: { chain: Filled; onEdit: () => void }) {
  const navigate = useNavigate();
  const form = formOf("chain-analysis", currentLocale());
  return (
    <div className="rise mx-auto grid max-w-3xl grid-cols-[minmax(0,1fr)] gap-5">
      <div>
        <Back to="/care/chains">{t("chains.title")}</Back>
        <div className="mt-1 flex items-start justify-between gap-3">
          <h1 className="text-3xl sm:text-4xl">
            {t("chains.of", { day: mediumDay(new Date(chain.occurred_at)) })}
          </h1>
          <Erase id={chain.id} onGone={() => void navigate({ to: "/care/chains" })} />
        </div>
      </div>
      <FormRead form={form} entry={entryOf(chain.entry)} />
      <Before form={form} filled={chain} />
      <Button icon="pencil" className="justify-self-start" onClick={onEdit}>
        {t("chains.edit")}
      </Button>
    </div>
  );
}

interface EditingProps {
  draft: string;
  begun: Begun;
  restored: boolean;
  onRead: () => void;
}

function Editing({ draft, begun, restored, onRead }: EditingProps) {
  const navigate = useNavigate();
  const form = formOf("chain-analysis", currentLocale());
  const [kept, setKept] = useState<Kept>();
  const leave = () => {
    onRead();
    void navigate({ to: "/care/chains" });
  };
  const filling = useFilling({
    form,
    draftName: draft,
    begun,
    onKept: (now) => (now.filled && !now.filled.safety ? leave() : setKept(now)),
  });
  if (kept) return <AfterKept kept={kept} go={t("chains.toList")} onLeave={leave} />;
  return (
    <div className="rise mx-auto grid max-w-3xl grid-cols-[minmax(0,1fr)] gap-5">
      <div>
        <Back to="/care/chains">{t("chains.title")}</Back>
        <h1 className="mt-1 text-3xl sm:text-4xl">{t("chains.one")}</h1>
        <p className="mt-2 max-w-prose text-lg text-soft">{t("chains.hint")}</p>
      </div>
      {restored && <Notice>{t("entry.restored")}</Notice>}
      <Guided form={form} filling={filling} onLeave={leave} />
    </div>
  );
}
