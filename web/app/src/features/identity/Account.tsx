import { Card } from "../../components/ui/Card";
import { t } from "../../i18n";
import { ConsentPanel } from "../consent/ConsentPanel";
import { JournalFiles } from "../journal/JournalFiles";
import { Appearance } from "./Appearance";
import { CloseAccount } from "./CloseAccount";
import { LockPanel } from "./LockPanel";
import { LogOut } from "./LogOut";
import { Sessions } from "./Sessions";
import { useUser } from "./session";

export function Account() {
  const user = useUser();
  return (
    <div className="rise mx-auto grid max-w-3xl gap-5">
      <div className="flex flex-wrap items-center justify-between gap-4">
        <div>
          <h1 className="text-3xl sm:text-4xl">
            {user.display_name ?? user.username ?? t("account.title")}
          </h1>
          <p className="mt-1 text-soft">{user.username ?? user.email}</p>
        </div>
        <LogOut />
      </div>
      <Card title={t("account.look")}>
        <Appearance />
      </Card>
      <Card title={t("account.privacy")}>
        <LockPanel />
      </Card>
      <Card title={t("account.consents")}>
        <ConsentPanel />
      </Card>
      <Card title={t("account.data")}>
        <JournalFiles />
      </Card>
      <Card title={t("account.sessions")}>
        <Sessions />
      </Card>
      <Card title={t("account.close")}>
        <CloseAccount />
      </Card>
    </div>
  );
}
