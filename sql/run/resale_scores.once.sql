-- How much each part of the score of resale weighs.

INSERT INTO score_weight (score, part, weight, shipped) VALUES
	('resale', 'supply', 4, true), ('resale', 'places', 2, true), ('resale', 'early', 2, true),
	('resale', 'traced', 4, true), ('resale', 'amount', 1, true);
