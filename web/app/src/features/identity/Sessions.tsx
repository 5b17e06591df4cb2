import { data, type Schemas } from "@salus/api-client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "../../components/ui/Button";
import { Icon } from "../../components/ui/Icon";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n";
import { api } from "../../lib/api";
import { clock, mediumDay } from "../../lib/dates";
import { deviceName } from "./devices";
import { useSession } from "./session";

const KEY = ["identity", "sessions"];

export function Sessions() {
  const queries = useQueryClient();
  const { leave } = useSession();
  const list = useQuery({
    queryKey: KEY,
    queryFn: () => data(api.GET("/api/auth/sessions", { params: { query: { limit: 50 } } })),
  });
  const end = useMutation({
    mutationFn: (id: string) =>
      data(api.DELETE("/api/auth/sessions/{id}", { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
  const all = useMutation({ mutationFn: () => leave(true) });
  return (
    <>
      <Problem error={list.error ?? end.error ?? all.error} className="mb-3" />
      <ul className="divide-y divide-line">
        {list.data?.items.map((item) => (
          <li key={item.id} className="flex items-center gap-4 py-3">
            <Icon name="device" className="size-6 text-soft" />
            <Description item={item} />
            {!item.current && (
              <Button
                busy={end.isPending}
                onClick={() => end.mutate(item.id)}
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

function Description({ item }: { item: Schemas["SessionItem"] }) {
  const seen = new Date(item.last_seen_at);
  return (
    <div className="min-w-0 flex-1">
      <div className="font-semibold">
        {deviceName(item.user_agent) ?? t("sessions.unknown")}
        {item.current && (
          <span className="ml-2 rounded-full bg-brand-soft px-2.5 py-0.5 text-sm">
            {t("sessions.this")}
          </span>
        )}
      </div>
      <div className="text-soft text-sm">
        {t("sessions.seen", { day: mediumDay(seen), time: clock(seen) })}
        {item.ip ? ` · ${item.ip}` : ""}
      </div>
    </div>
  );
}
