-- By the product: low below 4, medium below 8, high below 15, extreme from there on.

INSERT INTO risk_cell (likelihood, impact, level, shipped)
SELECT l, i, CASE WHEN l * i < 4 THEN 'low' WHEN l * i < 8 THEN 'medium' WHEN l * i < 15 THEN 'high' ELSE 'extreme' END, true
FROM generate_series(1, 5) AS l, generate_series(1, 5) AS i;
