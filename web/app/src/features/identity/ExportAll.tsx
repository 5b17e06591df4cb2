import { useMutation } from "@tanstack/react-query";
import { Button } from "../../components/ui/Button";
import { Notice, Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/account";
import { dayOf } from "../../lib/dates";
import { saveAs } from "../../lib/files";
import { everything } from "./everything";

export function ExportAll() {
  const save = useMutation({
    mutationFn: async () => {
      const text = JSON.stringify(await everything(), null, 2);
      const file = new Blob([text], { type: "application/json" });
      saveAs(file, `salus-everything-${dayOf(new Date())}.json`);
    },
  });
  return (
    <>
      <p className="mb-4 text-soft">{t("everything.text")}</p>
      <Button icon="down" busy={save.isPending} onClick={() => save.mutate()}>
        {t(save.isPending ? "everything.busy" : "everything.save")}
      </Button>
      <Problem error={save.error} className="mt-3" />
      {save.isSuccess && (
        <Notice role="status" className="mt-3">
          {t("everything.done")}
        </Notice>
      )}
    </>
  );
}
