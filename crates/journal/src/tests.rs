mod check_ins;
mod entries;
mod files;
mod http;
mod moods;
mod sync;
mod world;
