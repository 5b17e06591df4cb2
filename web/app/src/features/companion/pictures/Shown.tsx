import { data, type Schemas } from "@salus/api-client";
import { useQuery } from "@tanstack/react-query";
import { t } from "../../../i18n/chat";
import { api } from "../../../lib/api";
import { KEY } from "../api";
import { useAddress } from "./useAddress";

interface Props {
  stored: readonly Schemas["MessagePicture"][];
  // Those that have just been sent, until the list of messages knows of them.
  sent: readonly Blob[];
}

export default function Shown({ stored, sent }: Props) {
  const count = stored.length || sent.length;
  if (count === 0) return null;
  return (
    <div className="mt-2 flex max-w-[88%] flex-wrap justify-end gap-2">
      {stored.length > 0
        ? stored.map((picture, at) => (
            <Stored key={picture.id} picture={picture} name={nameOf(at, count)} />
          ))
        : sent.map((blob, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: they neither move nor change
            <Drawn key={at} blob={blob} name={nameOf(at, count)} />
          ))}
    </div>
  );
}

const nameOf = (at: number, count: number) => t("picture.number", { at: at + 1, count });

interface StoredProps {
  picture: Schemas["MessagePicture"];
  name: string;
}

function Stored({ picture, name }: StoredProps) {
  const { id, media_type } = picture;
  const found = useQuery({
    queryKey: [...KEY, "picture", id],
    queryFn: async ({ signal }) => {
      const asked = { params: { path: { id } }, parseAs: "blob", signal } as const;
      const bytes = (await data(api.GET("/api/pictures/{id}", asked))) as unknown as Blob;
      return new Blob([bytes], { type: media_type });
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (found.isError) return <p className="text-soft text-sm">{t("picture.gone")}</p>;
  return <Drawn blob={found.data} name={name} />;
}

function Drawn({ blob, name }: { blob: Blob | undefined; name: string }) {
  const address = useAddress(blob);
  if (!address) return <span className="size-40 rounded-card bg-sunken" />;
  return <img src={address} alt={name} className="max-h-64 max-w-full rounded-card" />;
}
