import { useQuery } from "@tanstack/react-query";
import { Card } from "../../components/ui/Card";
import { t } from "../../i18n/account";
import { ConversationFiles } from "../companion/files/ConversationFiles";
import { OwnUsage } from "../companion/OwnUsage";
import { ConsentPanel } from "../consent/ConsentPanel";
import { JournalFiles } from "../journal/JournalFiles";
import { Activity } from "./Activity";
import { Appearance } from "./Appearance";
import { CloseAccount } from "./CloseAccount";
import { Devices } from "./Devices";
import { ExportAll } from "./ExportAll";
import { FirstPassword } from "./FirstPassword";
import { Links } from "./Links";
import { LockPanel } from "./LockPanel";
import { Passkeys } from "./Passkeys";
import { Password } from "./Password";
import { PlaceForm } from "./PlaceForm";
import { ProfileForm } from "./ProfileForm";
import { ProofLetter } from "./ProofLetter";
import { SecondFactor } from "./SecondFactor";
import { factorsQuery } from "./security";

export function AboutYou() {
  return (
    <>
      <Card title={t("account.profile")}>
        <ProfileForm />
      </Card>
      <Card title={t("account.place")}>
        <PlaceForm />
      </Card>
      <ProofLetter />
      <Card title={t("account.look")}>
        <Appearance />
      </Card>
      <Card title={t("account.privacy")}>
        <LockPanel />
      </Card>
    </>
  );
}

export function Security() {
  return (
    <>
      <Card title={t("factor.title")}>
        <SecondFactor />
      </Card>
      <Card title={t("passkey.title")}>
        <Passkeys />
      </Card>
      <Links />
      <PasswordCard />
      <Card title={t("account.sessions")}>
        <Devices />
      </Card>
      <Card title={t("activity.title")}>
        <Activity />
      </Card>
    </>
  );
}

// Whoever comes by an account elsewhere alone has none, and can choose one.
function PasswordCard() {
  const factors = useQuery(factorsQuery);
  return (
    <Card title={t("password.title")}>
      {factors.data?.password === false ? <FirstPassword /> : <Password />}
    </Card>
  );
}

export function YourData() {
  return (
    <>
      <Card title={t("account.consents")}>
        <ConsentPanel />
      </Card>
      <Card title={t("everything.title")}>
        <ExportAll />
      </Card>
      <Card title={t("account.data")}>
        <JournalFiles />
      </Card>
      <Card title={t("account.conversations")}>
        <ConversationFiles />
      </Card>
      <Card title={t("usage.own")}>
        <OwnUsage />
      </Card>
      <Card title={t("account.close")}>
        <CloseAccount />
      </Card>
    </>
  );
}
