import { data, type Schemas } from "@salus/api-client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "../../components/ui/Button";
import { Icon } from "../../components/ui/Icon";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/account";
import { api } from "../../lib/api";
import { clock, mediumDay } from "../../lib/dates";
import { DEVICES, devicesQuery } from "./security";
import { useSession } from "./session";

export function Devices() {
  const queries = useQueryClient();
  const { leave } = useSession();
  const list = useQuery(devicesQuery);
  const end = useMutation({
    mutationFn: (device_id: string) =>
      data(api.DELETE("/api/user/device/{device_id}", { params: { path: { device_id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: DEVICES }),
  });
  const all = useMutation({ mutationFn: () => leave(true) });
  return (
    <>
      <Problem error={list.error ?? end.error ?? all.error} className="mb-3" />
      <ul className="divide-y divide-line">
        {list.data?.items.map((device) => (
          <li key={device.id} className="flex items-center gap-4 py-3">
            <Icon name="device" className="size-6 text-soft" />
            <Description device={device} />
            {!device.current && (
              <Button
                busy={end.isPending}
                onClick={() => end.mutate(device.id)}
                className="min-h-9 px-4 py-1 text-sm"
              >
                {t("sessions.end")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {(list.data?.items.length ?? 0) > 1 && (
        <Button kind="danger" busy={all.isPending} className="mt-4" onClick={() => all.mutate()}>
          {t("sessions.endAll")}
        </Button>
      )}
    </>
  );
}

function Description({ device }: { device: Schemas["Device"] }) {
  const seen = new Date(device.last_seen_at);
  const twice = device.acr === "mfa";
  return (
    <div className="min-w-0 flex-1">
      <div className="font-semibold">
        {device.label}
        {device.current && (
          <span className="ml-2 rounded-full bg-brand-soft px-2.5 py-0.5 text-sm">
            {t("sessions.this")}
          </span>
        )}
      </div>
      <div className="text-soft text-sm">
        {t("sessions.seen", { day: mediumDay(seen), time: clock(seen) })}
        {device.ip ? ` · ${device.ip}` : ""}
        {twice ? ` · ${t("sessions.twice")}` : ""}
      </div>
    </div>
  );
}
