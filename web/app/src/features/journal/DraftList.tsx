import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Notice } from "../../components/ui/Notice";
import { t } from "../../i18n";
import { names } from "../../lib/sealed";
import { useUser } from "../identity/session";
import { KEY } from "./api";
import { allDrafts } from "./drafts";

// What is on this device and not on the server yet.
export function DraftList() {
  const user = useUser();
  const drafts = useQuery({
    queryKey: [...KEY, "drafts", user.id],
    queryFn: () => allDrafts(user.id),
    networkMode: "always",
  });
  const waiting = useQuery({
    queryKey: [...KEY, "waiting", user.id],
    queryFn: () => names(user.id, "out/"),
    networkMode: "always",
  });
  return (
    <>
      {(waiting.data?.length ?? 0) > 0 && (
        <Notice kind="warn" className="mb-4">
          {t("journal.waiting", { count: waiting.data?.length ?? 0 })}
        </Notice>
      )}
      {drafts.data?.map(([id, draft]) => (
        <Notice key={id} className="mb-4">
          {t("journal.draft")}{" "}
          <Link
            to="/journal/$id"
            params={{ id }}
            className="font-semibold underline underline-offset-4"
          >
            {draft.form.title.trim() ||
              draft.form.content.trim().slice(0, 60) ||
              t("entry.untitled")}
          </Link>
        </Notice>
      ))}
    </>
  );
}
