import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Ask } from "../../components/ui/Ask";
import { Button } from "../../components/ui/Button";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/account";
import { names } from "../../lib/sealed";
import { useSession, useUser } from "./session";

// Logging out removes what this device keeps; if that is more than nothing, it asks.
export function LogOut() {
  const { leave } = useSession();
  const user = useUser();
  const [left, setLeft] = useState(0);
  const out = useMutation({ mutationFn: () => leave() });
  const start = async () => {
    // What is only a convenience of this device is no loss.
    const kept = (await names(user.id, "")).filter((name) => !name.startsWith("kept/"));
    if (kept.length > 0) setLeft(kept.length);
    else out.mutate();
  };
  return (
    <div>
      <Button busy={out.isPending} onClick={() => void start()}>
        {t("account.logOut")}
      </Button>
      <Problem error={out.error} className="mt-2" />
      <Ask
        open={left > 0}
        title={t("account.logOutDrafts")}
        yes={t("account.logOutAnyway")}
        danger
        busy={out.isPending}
        onYes={() => out.mutate()}
        onClose={() => setLeft(0)}
      >
        {t("account.logOutDraftsText", { count: left })}
      </Ask>
    </div>
  );
}
