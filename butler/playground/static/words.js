// What the page says, by the guest's language.

const WORDS = {
  ru: {
    locale: "ru",
    playground: "приёмная", addGuest: "Новый гость", newGuest: "Кто пожаловал?", name: "Имя",
    language: "Язык", cancel: "Отмена", invite: "Пригласить", theme: "Светлая или тёмная тема",
    block: "Заблокировать бота", unblock: "Разблокировать бота", leave: "Убрать колонку",
    welcome: "Дворецкий ждёт вашего слова.", start: "Начать", commands: "Команды",
    attach: "Приложить файл", write: "Сообщение…", record: "Записать голос", send: "Отправить",
    reply: "Ответить", edit: "Изменить", edited: "изменено", copy: "Скопировать",
    copied: "Скопировано", noMicrophone: "Микрофон недоступен", blocked: "бот заблокирован",
    online: "на связи", offline: "соединяюсь…", restarted: "приёмная открылась заново",
    replyTo: "Ответ на", editing: "Правка", voice: "Голосовое сообщение", photo: "Фото",
    document: "Файл", audio: "Аудио", video: "Видео", video_note: "Видеосообщение",
    sticker: "Стикер", animation: "GIF", location: "Место", poll: "Опрос", contact: "Контакт",
    service: "Служебное сообщение", chat: "Беседа гостя", play: "Слушать", thinking: "Думает…",
    typing: "печатает", upload_document: "отправляет файл", record_voice: "записывает голос",
    upload_voice: "отправляет голос", upload_photo: "отправляет фото", tooLong: "Слишком длинно",
    defaultName: "Гость", names: ["Анна", "Михаил", "Вера", "Лев", "Софья", "Пётр"],
  },
  en: {
    locale: "en-GB",
    playground: "playground", addGuest: "New guest", newGuest: "Who is calling?", name: "Name",
    language: "Language", cancel: "Cancel", invite: "Invite", theme: "Light or dark theme",
    block: "Block the bot", unblock: "Unblock the bot", leave: "Remove the column",
    welcome: "The butler awaits your word.", start: "Start", commands: "Commands",
    attach: "Attach a file", write: "Message…", record: "Record a voice message", send: "Send",
    reply: "Reply", edit: "Edit", edited: "edited", copy: "Copy",
    copied: "Copied", noMicrophone: "No microphone to be had", blocked: "bot blocked",
    online: "online", offline: "connecting…", restarted: "the playground opened anew",
    replyTo: "Reply to", editing: "Editing", voice: "Voice message", photo: "Photo",
    document: "File", audio: "Audio", video: "Video", video_note: "Video message",
    sticker: "Sticker", animation: "GIF", location: "Location", poll: "Poll", contact: "Contact",
    service: "Service message", chat: "Chat of the guest", play: "Play", thinking: "Thinking…",
    typing: "is typing", upload_document: "is sending a file", record_voice: "is recording",
    upload_voice: "is sending a voice message", upload_photo: "is sending a photo",
    tooLong: "Too long", defaultName: "Guest",
    names: ["James", "Emma", "Oliver", "Grace", "Henry", "Alice"],
  },
};

/** The words of a language; anything but Russian reads English. */
export function wordsOf(language) {
  return WORDS[(language || "").toLowerCase().startsWith("ru") ? "ru" : "en"];
}

/** Put the words into everything under *root* that asks for one. */
export function translate(root, words) {
  for (const element of root.querySelectorAll("[data-word]")) {
    element.textContent = words[element.dataset.word];
  }
  for (const element of root.querySelectorAll("[data-title]")) {
    element.title = words[element.dataset.title];
    element.setAttribute("aria-label", words[element.dataset.title]);
  }
  for (const element of root.querySelectorAll("[data-placeholder]")) {
    element.placeholder = words[element.dataset.placeholder];
    element.setAttribute("aria-label", words[element.dataset.placeholder]);
  }
}
