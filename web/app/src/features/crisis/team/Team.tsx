import { data } from "@salus/api-client";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";
import { TAB, Tabs } from "../../../components/shell/Tabs";
import { t } from "../../../i18n/team";
import { api } from "../../../lib/api";
import { factorsQuery } from "../../identity/security";
import { useUser } from "../../identity/session";
import { NeedsFactor } from "./TeamProblem";

const PLACES = [
  { to: "/team", label: "team.cases", roles: ["crisis_responder"] },
  { to: "/team/emergency", label: "team.emergency", roles: ["crisis_responder", "provider"] },
] as const;

// The desk of those who answer people in crisis.
export function Team() {
  const { roles } = useUser();
  const barred = useBarred();
  const shown = PLACES.filter((place) => place.roles.some((role) => roles.includes(role)));
  return (
    <div className="rise mx-auto max-w-3xl">
      <h1 className="mb-4 text-3xl sm:text-4xl">{t("team.title")}</h1>
      {shown.length === 0 ? (
        <p className="text-soft">{t("team.notYou")}</p>
      ) : (
        <>
          <Tabs label={t("team.places")}>
            {shown.map(({ to, label }) => (
              <Link key={to} to={to} activeOptions={{ exact: to === "/team" }} className={TAB}>
                {t(label)}
              </Link>
            ))}
          </Tabs>
          <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
            {barred ? <NeedsFactor /> : <Outlet />}
          </div>
        </>
      )}
    </div>
  );
}

// Whether rights do not count for lack of a second factor. Whoever has one is asked for it instead.
function useBarred(): boolean {
  const me = useQuery({
    queryKey: ["identity", "me"],
    queryFn: () => data(api.GET("/api/auth/me")),
  });
  const factors = useQuery(factorsQuery);
  return (me.data?.roles_withheld.length ?? 0) > 0 && factors.data?.needed === false;
}
