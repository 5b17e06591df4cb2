import { data, type Schemas } from "@salus/api-client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Sheet } from "../../components/ui/Ask";
import { Button } from "../../components/ui/Button";
import { Field } from "../../components/ui/Field";
import { Icon } from "../../components/ui/Icon";
import { Notice, Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/account";
import { api } from "../../lib/api";
import { mediumDay } from "../../lib/dates";
import { PasskeyProblem } from "./PasskeyProblem";
import { ProveForm } from "./ProveForm";
import { addPasskey, canUsePasskeys, namedHere, type Proof } from "./passkey";
import { RecoveryCodes } from "./RecoveryCodes";

const KEY = ["identity", "passkeys"];

type Passkey = Schemas["PasskeyView"];

// The person's passkeys: seen, added, named and removed.
export function Passkeys() {
  const queries = useQueryClient();
  const list = useQuery({ queryKey: KEY, queryFn: () => data(api.GET("/api/auth/passkeys")) });
  const [renaming, setRenaming] = useState<Passkey>();
  const [removing, setRemoving] = useState<Passkey>();
  const refresh = () => queries.invalidateQueries({ queryKey: ["identity"] });
  return (
    <>
      <p className="mb-4 text-soft">{t("passkey.text")}</p>
      <Problem error={list.error} className="mb-3" />
      <ul className="divide-y divide-line">
        {list.data?.items.map((item) => (
          <Row
            key={item.id}
            item={item}
            onRename={() => setRenaming(item)}
            onRemove={() => setRemoving(item)}
          />
        ))}
      </ul>
      <Add onAdded={refresh} />
      <Sheet
        open={renaming !== undefined}
        title={t("passkey.rename")}
        onClose={() => setRenaming(undefined)}
      >
        {renaming && (
          <Rename
            item={renaming}
            onDone={async () => {
              await refresh();
              setRenaming(undefined);
            }}
          />
        )}
      </Sheet>
      <Sheet
        open={removing !== undefined}
        title={t("passkey.removeTitle")}
        onClose={() => setRemoving(undefined)}
      >
        <p className="mb-4 text-soft">{t("passkey.removeText", { name: removing?.name ?? "" })}</p>
        <ProveForm
          submit={t("passkey.remove")}
          onProof={async (proof) => {
            if (removing) await remove(removing.id, proof);
            await refresh();
            setRemoving(undefined);
          }}
        />
      </Sheet>
    </>
  );
}

function remove(id: string, proof: Proof) {
  const params = { path: { id } };
  return data(api.DELETE("/api/auth/passkeys/{id}", { params, body: proof }));
}

interface RowProps {
  item: Passkey;
  onRename: () => void;
  onRemove: () => void;
}

function Row({ item, onRename, onRemove }: RowProps) {
  const made = t("passkey.made", { day: mediumDay(new Date(item.created_at)) });
  const used = item.used_at && t("passkey.used", { day: mediumDay(new Date(item.used_at)) });
  const small = "min-h-9 px-4 py-1 text-sm";
  return (
    <li className="flex flex-wrap items-center gap-3 py-3">
      <Icon name="device" className="size-6 text-soft" />
      <div className="min-w-0 flex-1">
        <div className="break-words font-semibold">{item.name}</div>
        <div className="text-soft text-sm">
          {[made, used, item.synced && t("passkey.synced")].filter(Boolean).join(" · ")}
        </div>
      </div>
      <Button
        className={small}
        onClick={onRename}
        aria-label={`${t("passkey.rename")}: ${item.name}`}
      >
        {t("passkey.rename")}
      </Button>
      <Button
        className={small}
        onClick={onRemove}
        aria-label={`${t("passkey.remove")}: ${item.name}`}
      >
        {t("passkey.remove")}
      </Button>
    </li>
  );
}

function Add({ onAdded }: { onAdded: () => Promise<void> }) {
  const [name, setName] = useState("");
  const [codes, setCodes] = useState<readonly string[]>();
  const add = useMutation({
    mutationFn: () => addPasskey(name),
    onSuccess: async (added) => {
      setName("");
      if (added.recovery_codes.length > 0) setCodes(added.recovery_codes);
      await onAdded();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  if (!canUsePasskeys()) {
    const there = namedHere();
    return (
      <Notice className="mt-4">
        {there ? t("passkey.byName", { address: there }) : t("passkey.cannot")}
      </Notice>
    );
  }
  return (
    <>
      <form onSubmit={submit} className="mt-4 grid gap-4">
        <PasskeyProblem error={add.error} />
        <Field
          label={t("passkey.name")}
          hint={t("passkey.nameHint")}
          value={name}
          onChange={(event) => setName(event.target.value)}
          maxLength={80}
        />
        <Button type="submit" busy={add.isPending} className="justify-self-start">
          {t("passkey.add")}
        </Button>
      </form>
      <RecoveryCodes codes={codes} onClose={() => setCodes(undefined)} />
    </>
  );
}

function Rename({ item, onDone }: { item: Passkey; onDone: () => Promise<void> }) {
  const [name, setName] = useState(item.name);
  const rename = useMutation({
    mutationFn: () =>
      data(
        api.PATCH("/api/auth/passkeys/{id}", { params: { path: { id: item.id } }, body: { name } }),
      ),
    onSuccess: onDone,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rename.mutate();
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Problem error={rename.error} />
      <Field
        label={t("passkey.name")}
        value={name}
        onChange={(event) => setName(event.target.value)}
        maxLength={80}
        required
      />
      <Button type="submit" kind="primary" busy={rename.isPending}>
        {t("action.save")}
      </Button>
    </form>
  );
}
