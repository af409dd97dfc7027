// What is new in an open calendar: bookings that were not there before are marked for a minute, and who did what is said in a line. A sound,
// and a number in the title of the page, tell of new bookings where a member of staff has switched that on in this browser.

/** freshFor is how long what is new is marked, in milliseconds. */
export const freshFor = 60_000;

const chimeKey = "desk-chime";

/** arrivals are those that were not there before, none of them twice. */
export function arrivals(before: Set<string>, now: string[]): string[] {
  return [...new Set(now)].filter((each) => !before.has(each));
}

/** differing are those of some texts, by their names, that were not there before or said something else. */
export function differing(before: Map<string, string>, now: Map<string, string>): string[] {
  return [...now].filter(([name, text]) => before.get(name) !== text).map(([name]) => name);
}

/** counted is a title with how many are new, and without where nothing is. */
export function counted(title: string, n: number): string {
  const bare = title.replace(/^\(\d+\) /, "");
  return n > 0 ? `(${n}) ${bare}` : bare;
}

export function isChiming(): boolean {
  try {
    return window.localStorage.getItem(chimeKey) !== null;
  } catch {
    return false;
  }
}

function setChiming(on: boolean): void {
  try {
    if (on) window.localStorage.setItem(chimeKey, "1");
    else window.localStorage.removeItem(chimeKey);
  } catch {
    // A browser that keeps nothing forgets this as well.
  }
}

let audio: AudioContext | undefined;

/** chime plays two soft notes. A browser in which nobody has pressed anything yet plays none. */
function chime(): void {
  try {
    audio ??= new AudioContext();
    const { currentTime: start } = audio;
    for (const [at, pitch] of [
      [0, 784],
      [0.16, 1047],
    ] as const) {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0, start + at);
      volume.gain.linearRampToValueAtTime(0.06, start + at + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, start + at + 0.4);
      tone.connect(volume).connect(audio.destination);
      tone.start(start + at);
      tone.stop(start + at + 0.45);
    }
  } catch {
    // Without sound the title still says it.
  }
}

const bookings = () => [...document.querySelectorAll<HTMLAnchorElement>('#live a[href^="/office/bookings/"]')];
const address = (link: HTMLAnchorElement) => link.getAttribute("href") ?? "";

/** watchNews marks what is new from now on. It returns what is to be called with the data of each event of the stream. */
export function watchNews(word: string, onSwitch: () => void): (data: string) => void {
  const known = new Set(bookings().map(address));
  let unseen = 0;
  document.body.addEventListener("htmx:afterSettle", () => {
    const shown = bookings();
    const fresh = arrivals(known, shown.map(address));
    for (const each of fresh) known.add(each);
    for (const link of shown.filter((each) => fresh.includes(address(each)))) {
      link.dataset.new = word;
      window.setTimeout(() => {
        for (const same of bookings()) if (address(same) === address(link)) delete same.dataset.new;
      }, freshFor);
    }
  });
  for (const name of ["pointerdown", "keydown"]) {
    document.addEventListener(name, () => {
      unseen = 0;
      document.title = counted(document.title, 0);
    });
  }
  const button = document.querySelector<HTMLElement>("[data-chime]");
  if (button) {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(isChiming()));
    button.addEventListener("click", () => {
      setChiming(!isChiming());
      button.setAttribute("aria-pressed", String(isChiming()));
      if (isChiming()) chime(); // this is what it sounds like
      onSwitch();
    });
  }
  return (data) => {
    const [kind = "", sentence = ""] = data.split("\n");
    const line = document.getElementById("news");
    if (line && sentence !== "") line.textContent = sentence;
    if (kind !== "booked" || !isChiming()) return;
    unseen++;
    document.title = counted(document.title, unseen);
    chime();
  };
}
