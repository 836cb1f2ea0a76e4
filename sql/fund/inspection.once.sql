INSERT INTO draw_weight (part, weight, shipped) VALUES
	('base', 1, true), ('findings', 4, true), ('violation', 1, true), ('suspicion', 0.5, true), ('notice', 0.25, true);
