// Run by the mongo image when its volume is empty: the butler gets a user of his own, not the administrator.
db.getSiblingDB("butler").createUser({
  user: "butler",
  pwd: process.env.MONGO_PASSWORD,
  roles: [{ role: "readWrite", db: "butler" }],
});
