-- A file of runs of version 1, as SQL: two runs, the second cut off in its second epoch.
BEGIN;
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    started REAL NOT NULL, seconds REAL NOT NULL, status TEXT NOT NULL, note TEXT,
    script TEXT NOT NULL, folder TEXT NOT NULL,
    seed INTEGER, r_seed INTEGER,
    net TEXT NOT NULL, parameters INTEGER NOT NULL, trainable INTEGER NOT NULL, structure TEXT NOT NULL,
    data TEXT, items INTEGER, fingerprint TEXT, valid_items INTEGER, valid_fingerprint TEXT,
    planned INTEGER NOT NULL, begun INTEGER NOT NULL, epochs INTEGER NOT NULL);
CREATE TABLE hyperparameters (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, place INTEGER NOT NULL,
    name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (run, place)) WITHOUT ROWID;
CREATE TABLE metrics (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, epoch INTEGER NOT NULL,
    phase TEXT NOT NULL, place INTEGER NOT NULL, name TEXT NOT NULL, value REAL,
    PRIMARY KEY (run, epoch, phase, place)) WITHOUT ROWID;
CREATE TABLE checkpoints (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, path TEXT NOT NULL,
    epoch INTEGER NOT NULL, PRIMARY KEY (run, path)) WITHOUT ROWID;
INSERT INTO runs VALUES (1, 1795680000.25, 12.5, 'finished', NULL, '/home/a/train.R', '/home/a', 777, NULL, 'net', 9, 9,
    '0123abcd', '/data/images', 8, '89abcdef', 4, '00000001', 2, 0, 2);
INSERT INTO runs VALUES (2, 1795690000.5, 3.25, 'running', 'resumed at epoch 1, batch 2', 'prompt', '/home/a', NULL, 3,
    'net', 9, 9, '0123abcd', 'tensor_dataset', 8, NULL, NULL, NULL, 5, 0, 1);
INSERT INTO hyperparameters VALUES (1, 0, 'epochs', '2'), (1, 1, 'lr', '0.01'), (2, 0, 'epochs', '5');
INSERT INTO metrics VALUES (1, 1, 'train', 0, 'loss', 2.0), (1, 1, 'valid', 0, 'loss', 1.5),
    (1, 2, 'train', 0, 'loss', 1.0), (1, 2, 'valid', 0, 'loss', 0.5),
    (2, 1, 'train', 0, 'loss', 0.9), (2, 1, 'valid', 0, 'loss', NULL);
INSERT INTO checkpoints VALUES (1, '/home/a/ck/epoch-02.pt', 2);
PRAGMA application_id = 0x5762526E;
PRAGMA user_version = 1;
COMMIT;
