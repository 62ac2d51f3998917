// A small player for voice and audio. A recording of the browser knows no length of its own, so the
// length is the message's.

import { icon, make } from "./entities.js";

let playing = null;

/** Minutes and seconds. */
export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds || 0));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** An element that plays *url*. */
export function voicePlayer(url, duration, words) {
  const audio = new Audio();
  audio.preload = "none";
  audio.src = url;
  const button = make("button", "play", icon("play"));
  button.type = "button";
  button.title = words.play;
  button.setAttribute("aria-label", words.play);
  const track = make("span", "track", ...bars(url));
  const time = make("span", "time", clock(duration));
  const show = () => {
    const whole = Number.isFinite(audio.duration) ? audio.duration : duration || 1;
    track.style.setProperty("--played", `${Math.min(100, (audio.currentTime / whole) * 100)}%`);
    time.textContent = clock(audio.paused && !audio.currentTime ? duration : audio.currentTime);
    button.replaceChildren(icon(audio.paused ? "play" : "pause"));
  };
  for (const event of ["play", "pause", "timeupdate", "ended"]) {
    audio.addEventListener(event, show);
  }
  audio.addEventListener("ended", () => { audio.currentTime = 0; });
  button.addEventListener("click", () => toggle(audio));
  return make("div", "player", button, track, time);
}

function toggle(audio) {
  if (!audio.paused) {
    audio.pause();
    return;
  }
  playing?.pause();
  playing = audio;
  audio.play().catch(() => audio.pause());
}

// Bars whose heights depend on the file's name alone: a picture, not a measurement.
function bars(url) {
  let state = [...url].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) >>> 0, 7);
  return Array.from({ length: 32 }, () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    const bar = make("i");
    bar.style.height = `${20 + (state >>> 24) % 80}%`;
    return bar;
  });
}
