import { useRef } from "react";
import { IconButton } from "../../../components/ui/Button";
import { t } from "../../../i18n/chat";
import { type Chosen, MOST } from "./limits";
import { useAddress } from "./useAddress";
import type { Pictures } from "./usePictures";

// Only where a model of this installation can look at them.
export function AddPictures({ pictures }: { pictures: Pictures }) {
  const field = useRef<HTMLInputElement>(null);
  if (!pictures.possible) return null;
  return (
    <>
      <input
        ref={field}
        type="file"
        accept="image/*"
        multiple
        hidden
        onChange={(event) => {
          pictures.add([...(event.target.files ?? [])]);
          // So that the same one can be chosen again.
          event.target.value = "";
        }}
      />
      <IconButton
        icon="picture"
        label={t("picture.add")}
        disabled={pictures.reading}
        onClick={() => field.current?.click()}
      />
    </>
  );
}

export function ChosenPictures({ pictures }: { pictures: Pictures }) {
  const { chosen, refusal } = pictures;
  return (
    <>
      {chosen.length > 0 && (
        <>
          <ul aria-label={t("picture.chosen")} className="mb-2 flex flex-wrap gap-2 px-2">
            {chosen.map((picture, at) => (
              <Thumbnail
                key={picture.id}
                picture={picture}
                at={at + 1}
                count={chosen.length}
                onRemove={() => pictures.remove(picture)}
              />
            ))}
          </ul>
          <p className="mb-2 px-2 text-soft text-sm">{t("picture.stay")}</p>
        </>
      )}
      {refusal && (
        <p role="alert" className="mb-2 rounded-field bg-warn-soft px-4 py-2 text-sm">
          {t(refusal, { count: MOST })}
        </p>
      )}
    </>
  );
}

interface ThumbnailProps {
  picture: Chosen;
  at: number;
  count: number;
  onRemove: () => void;
}

function Thumbnail({ picture, at, count, onRemove }: ThumbnailProps) {
  const address = useAddress(picture.blob);
  return (
    <li className="flex items-center rounded-field border border-line bg-surface">
      {address && (
        <img
          src={address}
          alt={t("picture.number", { at, count })}
          className="size-14 rounded-field object-cover"
        />
      )}
      <IconButton icon="close" label={t("picture.remove", { at })} onClick={onRemove} />
    </li>
  );
}
