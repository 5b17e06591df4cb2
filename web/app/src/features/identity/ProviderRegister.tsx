import { ApiFailure } from "@salus/api-client";
import { useMutation } from "@tanstack/react-query";
import { PublicPage } from "../../components/shell/PublicPage";
import { Toggle } from "../../components/ui/Toggle";
import { t } from "../../i18n/register";
import { NewAccountForm, NOTHING, useFields } from "./NewAccountForm";
import { makeAccount, type NewAccount, type NewHere } from "./providers";
import { useSession } from "./session";

// Someone a provider vouched for and who has no account here yet.
export function ProviderRegister({ needed }: { needed: NewHere }) {
  const { enter } = useSession();
  const { form, change } = useFields<NewAccount>(() => ({
    displayName: needed.display_name ?? "",
    useEmail: false,
    inviteCode: "",
    consents: NOTHING,
  }));
  const make = useMutation({
    mutationFn: () => makeAccount(needed.ticket, form),
    onSuccess: enter,
  });
  const failed = make.error instanceof ApiFailure ? make.error.code : undefined;
  return (
    <PublicPage title={t("provider.new")} lead={t("provider.newLead")}>
      <NewAccountForm
        form={form}
        change={change}
        invite={form.inviteCode !== "" || failed === "INVALID_INVITE"}
        error={make.error}
        busy={make.isPending}
        onSubmit={() => make.mutate()}
        between={
          needed.email && (
            <Toggle
              label={t("provider.useEmail", { email: needed.email })}
              checked={form.useEmail}
              onChange={(useEmail) => change({ useEmail })}
            />
          )
        }
      />
    </PublicPage>
  );
}
