import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Notice } from "../../../components/ui/Notice";
import { t } from "../../../i18n/wellbeing";
import { useUser } from "../../identity/session";
import { begunNames } from "../drafts";

// What was begun and is on this device only: to be found again, also if another version came first.
export function Begun({ form, link }: { form: string; link: (name: string) => ReactNode }) {
  const user = useUser();
  const names = useQuery({
    queryKey: ["begun-names", user.id, form],
    queryFn: () => begunNames(user.id, form),
    networkMode: "always",
    gcTime: 0,
  });
  if (!names.data?.length) return null;
  return (
    <Notice className="print:hidden">
      <p>{t("form.begun")}</p>
      <ul className="flex flex-wrap gap-x-5">
        {names.data.map((name) => (
          <li key={name}>{link(name)}</li>
        ))}
      </ul>
    </Notice>
  );
}
