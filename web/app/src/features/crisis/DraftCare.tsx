import { Link } from "@tanstack/react-router";
import { Notice } from "../../components/ui/Notice";
import { t } from "../../i18n";
import { useDraftCare } from "./draftCare";

/** Says where help is when words that are being written sound as if it were needed. */
export function DraftCare({ text }: { text: string }) {
  const care = useDraftCare(text);
  return (
    <div role="status">
      {care !== "none" && (
        <Notice kind={care === "alert" ? "care" : "calm"}>
          <p>{t(care === "alert" ? "safety.title" : "safety.support")}</p>
          {care === "alert" && <p className="mt-1">{t("safety.text")}</p>}
          <Link
            to="/help-now"
            className="mt-1 inline-flex min-h-11 items-center font-semibold underline underline-offset-4"
          >
            {t("safety.more")}
          </Link>
        </Notice>
      )}
    </div>
  );
}
