// Records a voice message with whatever Opus container the browser writes.

const TYPES = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"];

/** A recording under way; `start` asks for the microphone and rejects when there is none. */
export class Recorder {
  static async start() {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    return new Recorder(stream);
  }

  constructor(stream) {
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    this.stream = stream;
    this.chunks = [];
    this.startedAt = performance.now();
    this.recorder = new MediaRecorder(stream, mimeType ? { mimeType } : {});
    this.recorder.addEventListener("dataavailable", (event) => this.chunks.push(event.data));
    this.recorder.start();
  }

  /** Seconds so far. */
  get seconds() {
    return (performance.now() - this.startedAt) / 1000;
  }

  /** End the recording; resolves with its bytes and length. */
  async finish() {
    const seconds = this.seconds;
    await new Promise((resolve) => {
      this.recorder.addEventListener("stop", resolve, { once: true });
      this.recorder.stop();
    });
    this.release();
    return { blob: new Blob(this.chunks, { type: this.recorder.mimeType }), seconds };
  }

  /** Drop the recording. */
  cancel() {
    this.recorder.stop();
    this.release();
  }

  release() {
    this.stream.getTracks().forEach((track) => track.stop());
  }
}
