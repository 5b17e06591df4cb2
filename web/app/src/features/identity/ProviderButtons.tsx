import { useMutation, useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { Button } from "../../components/ui/Button";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n";
import { goAway, providersQuery } from "./providers";

// One button for each who vouches for people here; nothing where nobody does.
export function ProviderButtons() {
  const { next } = useSearch({ strict: false });
  const providers = useQuery(providersQuery);
  const go = useMutation({
    mutationFn: (id: string) => goAway(id, "login", { next: next ?? here() }),
  });
  if (!providers.data?.length) return null;
  return (
    <div className="mt-5 grid gap-3">
      <Problem error={go.error} />
      {providers.data.map(({ id, name }) => (
        <Button key={id} busy={go.isPending} onClick={() => go.mutate(id)} className="w-full">
          {t("provider.continue", { name })}
        </Button>
      ))}
    </div>
  );
}

// On top of a screen the person comes back to it.
function here(): string {
  return ["/login", "/register"].includes(location.pathname) ? "/" : location.pathname;
}
