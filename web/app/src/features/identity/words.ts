// Names of what happened to an account, for people. One that has no words here is shown as it is.
import { type Key, t } from "../../i18n/account";

const WORDS: Record<string, Key> = {
  "identity.account.register": "did.register",
  "identity.account.create": "did.register",
  "identity.account.close": "did.close",
  "identity.account.reopen": "did.reopen",
  "identity.account.roles": "did.roles",
  "identity.account.suspend": "did.suspend",
  "identity.account.resume": "did.resume",
  "identity.account.read": "did.read",
  "identity.session.login": "did.login",
  "identity.session.logout": "did.logout",
  "identity.session.logout_all": "did.logoutAll",
  "identity.session.revoke": "did.revoke",
  "identity.session.step_up": "did.stepUp",
  "identity.session.theft": "did.theft",
  "identity.session.list": "did.sessions",
  "identity.session.refresh": "did.refresh",
  "identity.factor.ask": "did.factorAsk",
  "identity.factor.list": "did.factorList",
  "identity.totp.begin": "did.totpBegin",
  "identity.totp.confirm": "did.totpConfirm",
  "identity.totp.remove": "did.totpRemove",
  "identity.recovery_codes.make": "did.codes",
  "identity.password.change": "did.password",
  "identity.username.choose": "did.username",
  "identity.session.logout_by_provider": "did.logoutProvider",
  "identity.provider.link": "did.link",
  "identity.provider.unlink": "did.unlink",
  "identity.provider.list": "did.links",
  "identity.password.forgot": "did.forgot",
  "identity.password.reset": "did.reset",
  "identity.email.verify": "did.email",
  "identity.profile.change": "did.profile",
  "identity.profile.read": "did.profileRead",
  "identity.activity.read": "did.activityRead",
};

export function activityWords(action: string): string {
  const key = WORDS[action];
  return key ? t(key) : action;
}
