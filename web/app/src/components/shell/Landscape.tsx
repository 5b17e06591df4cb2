// Hills before sunrise, drawn from the colours of the theme.
export function Landscape({ className = "" }: { className?: string }) {
  return (
    <svg
      viewBox="0 195 800 225"
      className={className}
      aria-hidden="true"
      preserveAspectRatio="none"
    >
      <path
        d="M0 250C90 205 170 190 270 215s160 45 270 10 170-30 260 5v190H0Z"
        fill="var(--hill-1)"
      />
      <path d="M0 310c110-45 210-50 320-15s210 30 300-5 130-20 180-5v135H0Z" fill="var(--hill-2)" />
      <path d="M0 365c140-35 260-30 390-5s270 20 410-15v75H0Z" fill="var(--hill-3)" />
    </svg>
  );
}
