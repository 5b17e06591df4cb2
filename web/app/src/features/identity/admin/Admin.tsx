import { Link, Outlet } from "@tanstack/react-router";
import { TAB, Tabs } from "../../../components/shell/Tabs";
import { t } from "../../../i18n/admin";
import { useUser } from "../session";

const PLACES = [
  { to: "/admin", label: "admin.people", exact: true, auditor: false },
  { to: "/admin/invites", label: "admin.invites", exact: false, auditor: false },
  { to: "/admin/usage", label: "admin.usage", exact: false, auditor: false },
  { to: "/admin/models", label: "admin.models", exact: false, auditor: false },
  { to: "/admin/tools", label: "admin.tools", exact: false, auditor: false },
  { to: "/admin/lines", label: "admin.lines", exact: false, auditor: false },
  { to: "/admin/audit", label: "admin.audit", exact: false, auditor: true },
  { to: "/admin/emergencies", label: "admin.emergencies", exact: false, auditor: true },
  { to: "/admin/report", label: "admin.report", exact: false, auditor: true },
  { to: "/admin/system", label: "admin.system", exact: false, auditor: false },
] as const;

// For whoever looks after this server. What people write is not here, and cannot be.
export function Admin() {
  const { roles } = useUser();
  const admin = roles.includes("admin");
  const shown = PLACES.filter((place) => admin || (place.auditor && roles.includes("auditor")));
  return (
    <div className="rise mx-auto max-w-4xl">
      <h1 className="mb-4 text-3xl sm:text-4xl">{t("nav.admin")}</h1>
      {shown.length === 0 ? (
        <p className="text-soft">{t("admin.notYou")}</p>
      ) : (
        <>
          <Tabs label={t("admin.places")}>
            {shown.map(({ to, label, exact }) => (
              <Link key={to} to={to} activeOptions={{ exact }} className={TAB}>
                {t(label)}
              </Link>
            ))}
          </Tabs>
          <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
            <Outlet />
          </div>
        </>
      )}
    </div>
  );
}
