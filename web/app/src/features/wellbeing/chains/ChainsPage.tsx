import { Link } from "@tanstack/react-router";
import { buttonClass } from "../../../components/ui/Button";
import { Icon } from "../../../components/ui/Icon";
import { Problem } from "../../../components/ui/Notice";
import { currentLocale } from "../../../i18n";
import { t } from "../../../i18n/wellbeing";
import { mediumDay } from "../../../lib/dates";
import { usePrefs } from "../../../lib/prefs";
import { isOffline } from "../api";
import { Back } from "../Back";
import { entryOf, formOf } from "../forms/entry";
import { useForms } from "../forms/useForm";

export function ChainsPage() {
  const form = formOf("chain-analysis", currentLocale());
  const { discreet } = usePrefs();
  const chains = useForms("chain-analysis");
  return (
    <div className="rise mx-auto grid max-w-3xl grid-cols-[minmax(0,1fr)] gap-5">
      <div>
        <Back to="/care">{t("care.title")}</Back>
        <h1 className="mt-1 text-3xl sm:text-4xl">{t("chains.title")}</h1>
        <p className="mt-2 max-w-prose text-lg text-soft">
          {currentLocale() === "en" ? form.about : t("care.chains")}
        </p>
      </div>
      <Link
        to="/care/chains/$id"
        params={{ id: "new" }}
        className={buttonClass("primary", "justify-self-start")}
      >
        <Icon name="plus" />
        {t("chains.new")}
      </Link>
      {isOffline(chains.error) ? (
        <p className="text-soft">{t("asks.offline")}</p>
      ) : (
        <Problem error={chains.error} />
      )}
      {chains.isPending && !chains.error && <p className="text-soft">{t("journal.loading")}</p>}
      {chains.data?.length === 0 && (
        <div className="rounded-card border border-line border-dashed px-6 py-12 text-center">
          <Icon name="fork" className="mx-auto mb-3 size-9 text-soft" />
          <p className="font-serif text-xl">{t("chains.empty")}</p>
          <p className="mt-1 text-soft">{t("chains.emptyHint")}</p>
        </div>
      )}
      {chains.data && chains.data.length > 0 && (
        <ul className="divide-y divide-line overflow-hidden rounded-card border border-line bg-surface">
          {chains.data.map((chain) => (
            <li key={chain.id}>
              <Link
                to="/care/chains/$id"
                params={{ id: chain.id }}
                className="block px-5 py-3.5 transition-colors hover:bg-sunken"
              >
                <span
                  className={`line-clamp-2 font-semibold ${discreet ? "blur-sm hover:blur-none" : ""}`}
                >
                  {entryOf(chain.entry).behaviour?.text}
                </span>
                <span className="text-soft text-sm">{mediumDay(new Date(chain.occurred_at))}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
