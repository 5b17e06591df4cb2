import { type FormEvent, useState } from "react";
import { lockNow } from "../../components/shell/AppLock";
import { Sheet } from "../../components/ui/Ask";
import { Button } from "../../components/ui/Button";
import { PasswordField, Select } from "../../components/ui/Field";
import { Toggle } from "../../components/ui/Toggle";
import { t } from "../../i18n/account";
import * as lock from "../../lib/lock";
import { setPrefs, usePrefs } from "../../lib/prefs";

const MINUTES = [1, 5, 15, 60] as const;

export function LockPanel() {
  const prefs = usePrefs();
  const [locked, setLocked] = useState(lock.isSet);
  const [choosing, setChoosing] = useState(false);
  return (
    <>
      <div className="divide-y divide-line">
        <Toggle
          label={t("discreet.title")}
          hint={t("discreet.hint")}
          checked={prefs.discreet}
          onChange={(discreet) => setPrefs({ discreet })}
        />
        <Toggle
          label={t("lock.title")}
          hint={t("lock.hint")}
          checked={locked}
          onChange={(on) => {
            if (on) {
              setChoosing(true);
              return;
            }
            lock.clearCode();
            setLocked(false);
          }}
        />
      </div>
      {locked && (
        <div className="mt-2 flex flex-wrap items-end gap-3">
          <Select
            label={t("lock.after")}
            value={prefs.lockAfter}
            onChange={(event) => setPrefs({ lockAfter: Number(event.target.value) })}
            className="min-w-48"
          >
            {MINUTES.map((minutes) => (
              <option key={minutes} value={minutes}>
                {t("lock.minutes", { count: minutes })}
              </option>
            ))}
          </Select>
          <Button icon="lock" onClick={lockNow}>
            {t("lock.now")}
          </Button>
        </div>
      )}
      <Sheet open={choosing} title={t("lock.choose")} onClose={() => setChoosing(false)}>
        <ChooseCode
          onDone={() => {
            setChoosing(false);
            setLocked(true);
          }}
        />
      </Sheet>
    </>
  );
}

function ChooseCode({ onDone }: { onDone: () => void }) {
  const [code, setCode] = useState("");
  const [again, setAgain] = useState("");
  const [problem, setProblem] = useState<string>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!lock.isCode(code)) return setProblem(t("lock.digits"));
    if (code !== again) return setProblem(t("lock.differ"));
    await lock.setCode(code);
    onDone();
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="grid gap-4">
      <PasswordField
        label={t("lock.code")}
        hint={t("lock.digits")}
        inputMode="numeric"
        autoComplete="off"
        value={code}
        onChange={(event) => setCode(event.target.value)}
      />
      <PasswordField
        label={t("lock.again")}
        problem={problem}
        inputMode="numeric"
        autoComplete="off"
        value={again}
        onChange={(event) => setAgain(event.target.value)}
      />
      <Button type="submit" kind="primary">
        {t("lock.set")}
      </Button>
    </form>
  );
}
