import { Button } from "../../../components/ui/Button";
import { Notice, Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/wellbeing";
import { isOffline } from "../api";
import type { FillingState } from "./useForm";

interface Props {
  filling: FillingState;
  blocked: boolean;
  why: string;
  onLeave: () => void;
}

// Under every form: keep it, leave it for later, and what came in between.
export function Below({ filling, blocked, why, onLeave }: Props) {
  return (
    <div className="grid gap-4">
      {filling.conflict && (
        <Notice kind="warn" role="alert">
          <p className="mb-3 font-semibold">{t("form.conflict")}</p>
          <div className="flex flex-wrap gap-2">
            <Button kind="primary" onClick={filling.keepMine}>
              {t("conflict.mine")}
            </Button>
            <Button onClick={() => void filling.discard().then(onLeave)}>
              {t("conflict.theirs")}
            </Button>
          </div>
        </Notice>
      )}
      {isOffline(filling.error) ? (
        <Notice kind="warn" role="alert">
          {t("form.offline")}
        </Notice>
      ) : (
        <Problem error={filling.error} />
      )}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Button
          kind="primary"
          className="min-w-36"
          busy={filling.saving}
          disabled={blocked}
          onClick={filling.save}
        >
          {t("action.save")}
        </Button>
        <Button kind="quiet" onClick={onLeave}>
          {t("form.later")}
        </Button>
        <p className="basis-full text-soft text-sm">{why || t("form.draft")}</p>
      </div>
    </div>
  );
}
