-- The matrix of risks (风险矩阵).

CREATE TABLE risk_cell (
	likelihood int NOT NULL CHECK (likelihood BETWEEN 1 AND 5),
	impact int NOT NULL CHECK (impact BETWEEN 1 AND 5),
	level text NOT NULL CONSTRAINT risk_cell_level CHECK (level IN ('low', 'medium', 'high', 'extreme')),
	shipped bool NOT NULL DEFAULT false,
	PRIMARY KEY (likelihood, impact, shipped)
);

COMMENT ON TABLE risk_cell IS
	'风险矩阵: the level of risk of each likelihood and impact, 5 by 5; a row of yours (shipped false) goes before the shipped one; more of either is never less of a risk';
COMMENT ON COLUMN risk_cell.likelihood IS '可能性: 1 to 5';
COMMENT ON COLUMN risk_cell.impact IS '影响程度: 1 to 5';
COMMENT ON COLUMN risk_cell.level IS '风险等级: low 低, medium 中, high 高, extreme 极高';
COMMENT ON COLUMN risk_cell.shipped IS '内置: comes with medaudit';

GRANT SELECT ON risk_cell TO PUBLIC;
SELECT pg_extension_config_dump('risk_cell', 'WHERE NOT shipped');
