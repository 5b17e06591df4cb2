//! Which history a database has. A restored database counts its changes on from an older number;
//! whoever remembers a later one would wait for changes that it takes for known. So a number is
//! remembered together with the lineage that it belongs to. A backup holds no lineage.

use crate::{database::Db, error::DbError, params, row, statements};
use uuid::Uuid;

statements! { "db.lineage";
    BEGIN = "INSERT INTO lineage (place, id) VALUES (1, $1) ON CONFLICT (place) DO NOTHING";
    GET = "SELECT id FROM lineage";
}

row! {
    struct Lineage {
        id: Uuid,
    }
}

impl Db {
    /// The name of this database's history: the same for every program that uses it, and another
    /// one after a backup was loaded.
    pub async fn lineage(&self) -> Result<Uuid, DbError> {
        let named = self.known_lineage().get_or_try_init(|| async {
            if let Some(Lineage { id }) = self.opt(&GET, params![]).await? {
                return Ok::<_, DbError>(id);
            }
            self.exec(&BEGIN, params![self.env().new_id::<Uuid>()]).await?;
            let Lineage { id } = self.one(&GET, params![]).await?;
            Ok(id)
        });
        named.await.copied()
    }
}
