import { Link, Outlet } from "@tanstack/react-router";
import { TAB, Tabs } from "../../components/shell/Tabs";
import { t } from "../../i18n/account";
import { LogOut } from "./LogOut";
import { useUser } from "./session";

const PLACES = [
  { to: "/account", label: "account.you", exact: true },
  { to: "/account/security", label: "account.security", exact: false },
  { to: "/account/data", label: "account.yourData", exact: false },
  { to: "/account/memory", label: "account.memory", exact: false },
  { to: "/account/emergency", label: "account.emergency", exact: false },
  { to: "/account/programs", label: "account.programs", exact: false },
] as const;

// What belongs to the person, in three places so that none is a wall of settings.
export function Account() {
  const user = useUser();
  return (
    <div className="rise mx-auto max-w-3xl">
      <div className="mb-4 flex flex-wrap items-center justify-between gap-4">
        <div className="min-w-0">
          <h1 className="truncate text-3xl sm:text-4xl">
            {user.display_name ?? user.username ?? t("account.title")}
          </h1>
          <p className="mt-1 truncate text-soft">{user.username ?? user.email}</p>
        </div>
        <LogOut />
      </div>
      <Tabs label={t("account.places")}>
        {PLACES.map(({ to, label, exact }) => (
          <Link key={to} to={to} activeOptions={{ exact }} className={TAB}>
            {t(label)}
          </Link>
        ))}
        {["crisis_responder", "provider"].some((role) => user.roles.includes(role)) && (
          <Link to="/team" className={TAB}>
            {t("account.team")}
          </Link>
        )}
        {["admin", "auditor"].some((role) => user.roles.includes(role)) && (
          <Link to="/admin" className={TAB}>
            {t("nav.admin")}
          </Link>
        )}
      </Tabs>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <Outlet />
      </div>
    </div>
  );
}
