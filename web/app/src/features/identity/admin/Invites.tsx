import { data, type Schemas } from "@salus/api-client";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Button } from "../../../components/ui/Button";
import { Card } from "../../../components/ui/Card";
import { Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/admin";
import { api } from "../../../lib/api";
import { mediumDay } from "../../../lib/dates";
import { InviteForm } from "./InviteForm";
import { SignUp } from "./SignUp";
import { roleName } from "./words";

type Invite = Schemas["Invite"];
export const INVITES = ["identity", "invites"];

export function Invites() {
  const queries = useQueryClient();
  const list = useInfiniteQuery({
    queryKey: INVITES,
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/admin/invites", {
          params: { query: { limit: 25, ...(pageParam && { cursor: pageParam }) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });
  const revoke = useMutation({
    mutationFn: (id: string) =>
      data(api.DELETE("/api/admin/invites/{id}", { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: INVITES }),
  });
  const invites = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <Card title={t("signUp.title")}>
        <SignUp />
      </Card>
      <Card title={t("invites.new")}>
        <InviteForm />
      </Card>
      <Card title={t("admin.invites")}>
        <Problem error={list.error ?? revoke.error} />
        {list.isSuccess && invites.length === 0 && <p className="text-soft">{t("invites.none")}</p>}
        <ul className="divide-y divide-line">
          {invites.map((invite) => (
            <li key={invite.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
              <span className="min-w-0 flex-1 basis-56">
                <span className="block font-semibold">{invite.note || t("invites.noNote")}</span>
                <span className="block text-soft text-sm">{about(invite)}</span>
              </span>
              {invite.state === "open" && (
                <Button
                  busy={revoke.isPending}
                  onClick={() => revoke.mutate(invite.id)}
                  className="min-h-9 px-4 py-1 text-sm"
                >
                  {t("invites.revoke")}
                </Button>
              )}
            </li>
          ))}
        </ul>
        {list.hasNextPage && (
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t("action.more")}
          </Button>
        )}
      </Card>
    </>
  );
}

const STATES = ["open", "used_up", "expired", "revoked"] as const;

function about(invite: Invite): string {
  const state = STATES.find((one) => one === invite.state) ?? "open";
  const roles = invite.roles.filter((role) => role !== "user").map(roleName);
  return [
    t(`invites.${state}`),
    t("invites.uses", { uses: invite.uses, most: invite.max_uses }),
    t("invites.until", { day: mediumDay(new Date(invite.expires_at)) }),
    ...roles,
  ].join(" · ");
}
